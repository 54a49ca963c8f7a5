export { DownloadError, type DownloadOptions, downloadFiles } from './download-node.js';
export { cacheFolder, type FindMnistOptions, findMnist } from './find-mnist-node.js';
export * from './index.js';
export { DATA_FORMATS, type DataFormat, detectFormat, loadDataset } from './load-dataset-node.js';
export { MNIST_FILES, MNIST_MIRRORS, type RemoteFile } from './mnist-mirrors.js';
export {
  type PictureFiles,
  type PictureFilesOptions,
  type PictureList,
  pictureFiles,
} from './picture-files-node.js';
export { readCifar10, readCifar100 } from './read-cifar-node.js';
export { type OpenCsvOptions, openCsv, readPixelCsv } from './read-csv-node.js';
export {
  type ImageFolderOptions,
  type OpenImageFolderOptions,
  openImageFolder,
  readImageFolder,
} from './read-image-folder-node.js';
export { readMnist } from './read-mnist-node.js';
export { type FileContents, replaceFiles, writeFileAtomically } from './write-file-node.js';
