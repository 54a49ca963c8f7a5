#!/usr/bin/env bash
# Puts Mesa's software driver for Vulkan into build/lavapipe: it has halves in shaders, which Chromium's has not. Dawn refuses the one of
# Debian 12, so it is that of Debian's backports; it is only unpacked there, so that no other program meets it.
set -euo pipefail
target=$(cd "$(dirname "$0")/.." && pwd)/build/lavapipe
if [[ -f $target/lvp_icd.json ]]; then exit; fi
source /etc/os-release
site=$(apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' |
  awk -v release="$VERSION_CODENAME" '$2 == release { print $1; exit }')
mkdir -p "$target"/apt/{lists,archives}/partial
echo "deb $site $VERSION_CODENAME-backports main" >"$target/apt/sources.list"
options=(-qq -o "Dir::Etc::SourceList=$target/apt/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$target/apt/lists" -o "Dir::Cache=$target/apt" -o APT::Sandbox::User=root)
apt-get "${options[@]}" update
cd "$target"
apt-get "${options[@]}" download mesa-vulkan-drivers
dpkg-deb -x mesa-vulkan-drivers_*.deb .
# The libraries that it is linked to, of whatever version there is.
libraries=$(dpkg-deb -f mesa-vulkan-drivers_*.deb Depends | tr ',' '\n' | sed 's/(.*//; s/|.*//' | grep '^ *lib' | grep -v amdgpu)
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $libraries >/dev/null; }
# Lists of packages may be missing, or old.
install || { apt-get update -qq && install; }
library=$(find "$target/usr/lib" -name libvulkan_lvp.so)
sed "s#\"library_path\": .*#\"library_path\": \"$library\"#" usr/share/vulkan/icd.d/lvp_icd*.json >lvp_icd.json
echo "build/lavapipe is ready: $(dpkg-deb -f mesa-vulkan-drivers_*.deb Version)"
