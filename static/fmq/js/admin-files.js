// The theme writes a chosen file's name into a text field of its own; our file fields have none, and say the name themselves.

for (const input of document.querySelectorAll(".desk input[type=file]")) input.hasChangeListener = true;
