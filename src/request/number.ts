/** How people call a request: R-1042. */
export function requestNumber(request: { number: number }): string {
  return `R-${request.number}`;
}
