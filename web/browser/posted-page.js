/**
 * Makes the answer to a form an entry of the history that is read with a GET: nothing is stored by browsers (`no-store`), so
 * that going back to it would show the browser's own error page, and a reload would ask whether to send the form again.
 */
export function makeHistoryReadable() {
  const { history: address, historyLater: isLater } = document.body.dataset;
  if (!address) return;
  const replace = () => history.replaceState(history.state, '', address);
  // A form that the service could not take is sent again by a reload.
  if (isLater) document.addEventListener('submit', replace);
  else replace();
}
