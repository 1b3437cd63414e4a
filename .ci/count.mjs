// Prints `N passed, M failed` from vitest's JSON report and its exit code. A file that could not start counts as one
// failure; so does a run that failed without a failed test, and a report that is not there.
import { existsSync, readFileSync } from 'node:fs';

const [file = '', exitCode = '0'] = process.argv.slice(2);
if (!existsSync(file)) {
  console.log('0 passed, 1 failed');
} else {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
  const notStarted = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  );
  const failed = numFailedTests + notStarted.length;
  console.log(`${numPassedTests} passed, ${failed === 0 && exitCode !== '0' ? 1 : failed} failed`);
}
