import { Crop } from '../../../static/accounts/crop.js';
import { equal, test } from './runner.js';

test('at first it is the largest square, in the middle', () => {
  equal(new Crop({ width: 400, height: 200 }).square, { x: 100, y: 0, side: 200 });
  equal(new Crop({ width: 200, height: 400 }).square, { x: 0, y: 100, side: 200 });
});

test('the picture is dragged below the square, and never out of it', () => {
  const crop = new Crop({ width: 400, height: 200 });
  crop.drag(0.25, 0.25);
  equal(crop.square, { x: 50, y: 0, side: 200 });
  crop.drag(5, 0);
  equal(crop.square, { x: 0, y: 0, side: 200 });
  crop.drag(-5, 0);
  equal(crop.square, { x: 200, y: 0, side: 200 });
});

test('the point below the finger stays while zooming', () => {
  const crop = new Crop({ width: 400, height: 400 });
  crop.zoomTo(2, { x: 0.25, y: 0.75 });
  equal(crop.square, { x: 50, y: 150, side: 200 });
  equal(crop.square.x + 0.25 * 200, 0.25 * 400);
});

test('zooming out keeps the square in the picture', () => {
  const crop = new Crop({ width: 400, height: 200 });
  crop.zoomTo(4);
  crop.drag(-100, -100);
  equal(crop.square, { x: 350, y: 150, side: 50 });
  crop.zoomTo(0.1);
  equal([crop.zoom, crop.square], [1, { x: 200, y: 0, side: 200 }]);
  crop.zoomTo(1000);
  equal(crop.zoom, crop.maxZoom);
});
