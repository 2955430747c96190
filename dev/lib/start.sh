# Sourced by the scripts of dev/: finds a Python and hands over to dev/lib/__main__.py.
here="$(cd "$(dirname "${BASH_SOURCE[1]}")" && pwd)"
if ! command -v python3 >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "-- Installing python3 ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
            --no-install-recommends python3 >/dev/null
    else
        echo "!! Python 3.11 is missing: please install python3 and python3-venv" >&2
        exit 1
    fi
fi
exec python3 "$here/lib" "$(basename "$0")" "$@"
