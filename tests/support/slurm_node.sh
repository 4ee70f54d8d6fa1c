#!/usr/bin/env bash
# A SLURM of one node and two pretended GPUs, to try the workflow on: no systemd, no cgroups, no
# database. Needs root and the programs of slurmctld, slurmd, slurm-client and munge.
#
#   tests/support/slurm_node.sh up      start it; prints the folder of its state
#   tests/support/slurm_node.sh down    end its jobs and itself; remove that folder and the links to it
#
# NST_SLURM_STATE names the folder (it must be new); else `up` makes one. `down` finds it by the
# links. Exit status 3: another SLURM lives on this machine, and is left alone.
set -euo pipefail
MARK="# one node for the tests of nst-grid"
ETC=/etc/slurm

fail() { echo "slurm_node: $*" >&2; exit "${STATUS:-1}"; }
foreign() { STATUS=3 fail "$*: another SLURM lives here, left alone"; }
# Only a configuration that carries our mark, through a link, is ours to change.
ours() { [ -L "$1" ] && head -n 1 "$1" 2>/dev/null | grep -qxF "$MARK"; }

await() { # await WHAT COMMAND...: until the command succeeds, ten seconds at most
    local what=$1
    shift
    for _ in $(seq 100); do "$@" >/dev/null 2>&1 && return || sleep 0.1; done
    fail "$what: gave up after 10 s; $(tail -qn 3 "$STATE"/*.log 2>/dev/null)"
}

check_machine() {
    [ "$(id -u)" = 0 ] || fail "must be root: SLURM's daemons are started here"
    for program in munged slurmctld slurmd sbatch squeue scancel srun; do
        command -v "$program" >/dev/null || fail "no $program: install slurmctld slurmd slurm-client munge"
    done
    [ -z "${SLURM_CONF:-}" ] || foreign "SLURM_CONF is set to $SLURM_CONF"
    for link in "$ETC"/{slurm,gres}.conf; do
        if [ -e "$link" ] || [ -L "$link" ]; then ours "$link" || foreign "$link is not of this script"; fi
    done
}

write_configuration() {
    local number host
    host=$(hostname -s)
    # SLURM numbers GPUs by the end of a device's name and wants a true character device, which it
    # never opens: the null device under another name will do.
    for number in 0 1; do
        mknod "$STATE/nvidia$number" c 1 3 || fail "cannot make a device file in $STATE"
    done
    printf '%s\n' "$MARK" AutoDetect=off "NodeName=$host Name=gpu File=$STATE/nvidia[0-1]" >"$STATE/gres.conf"
    # MinJobAge: squeue has to remember ended jobs. config_overrides: four CPUs on two real ones.
    cat >"$STATE/slurm.conf" <<CONF
$MARK
ClusterName=nst
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmdPort=26818
SlurmUser=root
AuthInfo=socket=$STATE/munge.socket
StateSaveLocation=$STATE/controller
SlurmdSpoolDir=$STATE/node
SlurmctldPidFile=$STATE/slurmctld.pid
SlurmdPidFile=$STATE/slurmd.pid
SlurmctldLogFile=$STATE/slurmctld.log
SlurmdLogFile=$STATE/slurmd.log
ProctrackType=proctrack/pgid
KillWait=10
MinJobAge=600
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
GresTypes=gpu
NodeName=$host NodeAddr=127.0.0.1 CPUs=4 RealMemory=16000 Gres=gpu:2
PartitionName=test Nodes=$host Default=YES DefMemPerCPU=1000 MaxTime=INFINITE
CONF
}

stop_daemon() { # by the pid it wrote, and only if that process still is this program
    local pid
    pid=$(cat "$STATE/$1.pid" 2>/dev/null) || return 0
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$1" ] || return 0
    kill "$pid"
    await "stopping $1" test ! -e "/proc/$pid"
}

no_jobs() { [ -z "$(squeue --noheader)" ]; }
node_idle() { sinfo --noheader --format %t | grep -qx idle; }

up() {
    if ours "$ETC/slurm.conf"; then fail "already up; first \`down\`"; fi
    STATE=$(realpath "${NST_SLURM_STATE:-$(mktemp -d /tmp/nst-slurm.XXXXXX)}")
    # `down` removes this folder: it must hold nothing else.
    [ -z "$(ls -A "$STATE" 2>/dev/null)" ] || fail "$STATE is not empty: name a new folder"
    mkdir -p "$STATE"/{controller,node} "$ETC"
    write_configuration
    # Links, since the variable SLURM_CONF does not reach the steps that Snakemake's plugin starts.
    ln -s "$STATE"/{slurm,gres}.conf "$ETC"
    trap 'down' EXIT
    # A munge of our own, with its own key and socket: the machine's, if any, is not touched.
    (umask 077 && head -c 128 /dev/urandom >"$STATE/munge.key")
    munged --force --key-file "$STATE/munge.key" --socket "$STATE/munge.socket" \
        --pid-file "$STATE/munged.pid" --log-file "$STATE/munged.log" --seed-file "$STATE/munge.seed" \
        2>"$STATE/munged.err"
    await munged munge --no-input --socket "$STATE/munge.socket"
    slurmctld && await slurmctld squeue
    slurmd && await slurmd node_idle
    trap - EXIT
    echo "$STATE"
}

down() {
    ours "$ETC/slurm.conf" || { echo "slurm_node: nothing of this script is up" >&2; return 0; }
    STATE=$(dirname "$(readlink "$ETC/slurm.conf")")
    if timeout 10 scancel --full --user root 2>/dev/null; then await "ending the jobs" no_jobs; fi
    for daemon in slurmd slurmctld munged; do stop_daemon "$daemon"; done
    rm -rf "$ETC"/{slurm,gres}.conf "$STATE"
}

check_machine
case "${1:-}" in
    up | down) "$1" ;;
    *) fail "say \`up\` or \`down\`" ;;
esac
