"""``python -m edge`` and the command ``miseban``."""

from edge.cli import main

if __name__ == "__main__":
    main()
