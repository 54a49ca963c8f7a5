/** The reference's loops: in JavaScript every sum is float64, and only the results are rounded. */
export { reference as cpu } from './reference.js';
