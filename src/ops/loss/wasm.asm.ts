/** loss = weight * sum of the rows' losses, one after the other in float64. */
export function addUpLosses(rowLosses: usize, batch: i32, weight: f64, loss: usize): void {
  let sum: f64 = 0;
  for (let i = 0; i < batch; i++) sum += <f64>load<f32>(rowLosses + (<usize>i << 2));
  store<f32>(loss, <f32>(sum * weight));
}
