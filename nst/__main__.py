import sys

from nst.workflow.preload_server import hand_over

status = hand_over(sys.argv[1:])
if status is None:
    from nst.cli import main  # not for a client, which has nothing else to do than to wait

    status = main()
sys.exit(status)
