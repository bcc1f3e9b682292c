"""Coefficients of the sound of effort in a voice, written by ``tests/benchmarks/fit_raised_voice.py``.

Fitted to 34 recordings of ordinary talk, effort put on by the standard spectra of ANSI S3.5-1997:

- LibriSpeech: CC BY 4.0 (LibriSpeech); repo Apache-2.0
- Picovoice/leopard resources/audio_samples: Apache-2.0 (repo)
"""

NORMAL_ALPHA_DB = -6.93
"""Alpha ratio of ordinary talk."""
NORMAL_PITCH_ST = 8.29
"""Pitch of ordinary talk, semitones over 100 Hz."""
MICROPHONE_DB = 2.57
"""Standard deviation of the alpha ratio between microphones."""
BIAS = -1.857
"""Log-odds of talk that is as usual."""
ALPHA_PER_DB = 0.4876
PITCH_PER_ST = 0.1350
