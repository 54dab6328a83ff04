"""`python -m uchat_execution.app`: a replica of execution."""

from uchat_execution.app.serving import main

if __name__ == "__main__":
    main()
