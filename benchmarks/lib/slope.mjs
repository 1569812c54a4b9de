/**
 * How steeply a line through the points rises, by least squares.
 *
 * @param {readonly (readonly [x: number, y: number])[]} points two or more, of different x
 */
export function slope(points) {
  const mean = (i) => points.reduce((sum, point) => sum + point[i], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const above = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  return above / points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
