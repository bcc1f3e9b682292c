"""One microphone's ear: sound in, what was heard out.

Every stage steps through frames of 10 ms (:data:`edge.messages.FRAME` samples) and keeps its own state, so that results
do not depend on how the sound was cut into chunks::

    chunk -> frames -> level and noise floor
                    -> denoised copy -> voice activity -> speech, raised voice
                    -> raw sound -> sounds of danger, machines
"""
