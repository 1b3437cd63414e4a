// The identity provider's answer goes on to the application by itself; without scripts there is a button.
document.querySelector('form[data-submit]').submit();
