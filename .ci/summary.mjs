// Prints 'N passed, N failed' for jest's JSON results and fails if a test failed, was skipped or none ran:
//   node .ci/summary.mjs RESULTS STATUS
import { existsSync, readFileSync } from 'node:fs';

const [, , file, status] = process.argv;
if (!existsSync(file)) {
  console.log('The tests did not run');
  process.exit(1);
}
const results = JSON.parse(readFileSync(file, 'utf8'));
const { numPassedTests: passed, numPendingTests, numTodoTests, numFailedTests, numRuntimeErrorTestSuites } = results;
const skipped = numPendingTests + numTodoTests;
// A suite that could not be loaded counts as a failed test, and so does whatever was skipped.
const failed = numFailedTests + numRuntimeErrorTestSuites + skipped;
for (const suite of results.testResults) {
  for (const { status: outcome, fullName } of suite.assertionResults) {
    if (outcome !== 'passed') console.log(`${outcome}: ${fullName}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(Number(status) !== 0 || failed > 0 || passed === 0 ? 1 : 0);
