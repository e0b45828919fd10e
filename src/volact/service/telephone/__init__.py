"""The automatic telephone menu: an installation ID is typed on a telephone, a confirmation ID is read out (spec S-15).

texts      everything that is said, in every language, as clips that a voice renders once
dialog     the menu itself: a state and the keys that were pressed in; what is said, and what is to be done, out
calls      the dialog on record: what it asks for is done, and where a call stands is kept
provider   the form in which telephony providers ask and are answered, and their signature
voice      clips as sound, where a program renders speech
door       the menu by HTTP

Another way in, such as the terminal of `volact service telephone try`, needs `calls` alone.
"""
