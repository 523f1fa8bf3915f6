/** On a narrow screen the list of the settings' pages is one line: scroll to the page that is shown. */
document.querySelector('.settings-nav [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
