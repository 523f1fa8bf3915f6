/**
 * The address of the SharedWorker's script. A release joins modules into files that are one folder
 * deep, so what is named by `import.meta.url` is named in modules of that depth, from `static/`.
 */
export const WORKER = new URL('../realtime/worker/shared-worker.js', import.meta.url).href;
