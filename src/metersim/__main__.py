"""``python -m metersim``"""

from metersim.cli import main

if __name__ == "__main__":
    main()
