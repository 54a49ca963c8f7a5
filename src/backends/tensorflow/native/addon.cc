// The N-API module: loading it makes the native ops known to the TensorFlow that it is linked to, which is tfjs-node's.
#include <node_api.h>

#include <string>

#include "lanes.h"
#include "op.h"
#include "tensorflow/c/eager/c_api.h"

#if defined(TFJS_CNN_CUDA)
#include <cuda_runtime_api.h>
#endif

namespace {

napi_value text(napi_env env, const char* value) {
  napi_value made;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &made);
  return made;
}

// Names of the ops.
napi_value names(napi_env env) {
  napi_value list;
  napi_create_array(env, &list);
  uint32_t index = 0;
  for (const auto& entry : tfjs_cnn::entries()) napi_set_element(env, list, index++, text(env, entry.name));
  return list;
}

// devices(): what TensorFlow computes on here, as it names them.
napi_value devices(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  TF_Status* status = TF_NewStatus();
  TFE_ContextOptions* options = TFE_NewContextOptions();
  TFE_Context* context = TFE_NewContext(options, status);
  TFE_DeleteContextOptions(options);
  if (TF_GetCode(status) == TF_OK) {
    TF_DeviceList* found = TFE_ContextListDevices(context, status);
    for (int i = 0; TF_GetCode(status) == TF_OK && i < TF_DeviceListCount(found); i++) {
      const char* name = TF_DeviceListName(found, i, status);
      if (TF_GetCode(status) == TF_OK) napi_set_element(env, list, i, text(env, name));
    }
    if (found) TF_DeleteDeviceList(found);
    TFE_DeleteContext(context);
  }
  TF_DeleteStatus(status);
  return list;
}

// lanes(most): from now on registers of at most so many floats; tells how many that are.
napi_value narrow(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value given, made;
  int32_t most = 0;
  napi_get_cb_info(env, info, &count, &given, nullptr, nullptr);
  if (count < 1 || napi_get_value_int32(env, given, &most) != napi_ok || most < 4) {
    napi_throw_range_error(env, nullptr, "lanes: expected a number of floats, at least 4");
    return nullptr;
  }
  tfjs_cnn::useLanes(most);
  napi_create_int32(env, tfjs_cnn::lanes(), &made);
  return made;
}

napi_value cudaVersion(napi_env env) {
  napi_value value;
#if defined(TFJS_CNN_CUDA)
  const std::string version = std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10);
  value = text(env, version.c_str());
#else
  napi_get_null(env, &value);
#endif
  return value;
}

// Whether the driver runs what was compiled: it must know that generation of CUDA.
napi_value runsOnGpu(napi_env env) {
  bool runs = false;
#if defined(TFJS_CNN_CUDA)
  int driver = 0;
  runs = cudaDriverGetVersion(&driver) == cudaSuccess && driver / 1000 >= CUDART_VERSION / 1000;
#endif
  napi_value value;
  napi_get_boolean(env, runs, &value);
  return value;
}

napi_value start(napi_env env, napi_value exports) {
  try {
    tfjs_cnn::registerAll();
  } catch (const tfjs_cnn::Failure& failure) {
    napi_throw_error(env, nullptr, failure.what());
    return nullptr;
  }
  napi_value list;
  napi_value lanes;
  napi_value version;
  napi_create_function(env, "devices", NAPI_AUTO_LENGTH, devices, nullptr, &list);
  napi_create_function(env, "lanes", NAPI_AUTO_LENGTH, narrow, nullptr, &lanes);
  napi_create_int32(env, tfjs_cnn::VERSION, &version);
  napi_set_named_property(env, exports, "version", version);
  napi_set_named_property(env, exports, "ops", names(env));
  napi_set_named_property(env, exports, "tensorflow", text(env, TF_Version()));
  napi_set_named_property(env, exports, "cuda", cudaVersion(env));
  napi_set_named_property(env, exports, "gpu", runsOnGpu(env));
  napi_set_named_property(env, exports, "devices", list);
  napi_set_named_property(env, exports, "lanes", lanes);
  return exports;
}

}  // namespace

NAPI_MODULE(NODE_GYP_MODULE_NAME, start)
