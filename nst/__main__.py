import signal
import sys

from nst.disk.log_end import end_early

try:
    from nst.workflow.preload_server import hand_over

    status = hand_over(sys.argv[1:])
    if status is None:
        from nst.cli import main  # not for a client, which has nothing else to do than to wait

        status = main()
except KeyboardInterrupt:  # before there was anything to stop
    end_early(signal.SIGINT)
sys.exit(status)
