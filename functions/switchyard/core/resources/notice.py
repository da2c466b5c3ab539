"""The text of a notice, for a reader with a phone: the sentence that matters first, then a line for each fact."""

FIRST_LINE = 140  # characters: about what a locked phone shows of a message
# "The total size limit for a single SMS publish action is 1,600 bytes" (SNS, Publishing to a mobile phone).
MOST_BYTES = 1_600
CUT = " ..."


def notice(sentence: str, *facts: str) -> str:
    """facts: in the order of their use, the longest last. A sentence that is too long for a line follows them whole, as
    far as there is space.
    """
    said = " ".join(sentence.split())
    is_long = len(said) > FIRST_LINE
    lines = [said[: FIRST_LINE - len(CUT)] + CUT if is_long else said, *facts]
    if is_long:
        lines.append(f"In full: {said}")
    return _cut("\n".join(lines))


def _cut(text: str) -> str:
    whole = text.encode()
    if len(whole) <= MOST_BYTES:
        return text
    return whole[: MOST_BYTES - len(CUT)].decode(errors="ignore") + CUT
