/** What files/pdf/ uses of pdf.js. Written by hand: the package's own types are 600 kB. */

export interface PageViewport {
  width: number;
  height: number;
}

export interface RenderTask {
  promise: Promise<void>;
  cancel(): void;
}

export interface PDFPageProxy {
  getViewport(parameters: { scale: number }): PageViewport;
  render(parameters: { canvas: HTMLCanvasElement; viewport: PageViewport }): RenderTask;
  streamTextContent(): ReadableStream;
  cleanup(): boolean;
}

export interface PDFDocumentProxy {
  numPages: number;
  getPage(page: number): Promise<PDFPageProxy>;
}

export function getDocument(parameters: object): { promise: Promise<PDFDocumentProxy> };

export const GlobalWorkerOptions: { workerPort: Worker | null };

export class TextLayer {
  constructor(parameters: {
    textContentSource: ReadableStream;
    container: HTMLElement;
    viewport: PageViewport;
  });
  render(): Promise<void>;
  cancel(): void;
}
