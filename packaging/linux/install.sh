#!/bin/sh
# Installs Vademecum from this folder: program, menu entry, icon, file type. Needs no network.
#
#   ./install.sh [--user | --system] [--prefix FOLDER] [--silent]
#
# --user    for you alone, below ~/.local (what an ordinary user gets)
# --system  for all users: the program in /opt, the rest below /usr/local (what root gets)
# --prefix  another folder for the program itself
# --silent  asks and says nothing; exit status 0 done, 1 failed, 2 wrong usage
#
# An earlier version is replaced, your data is not touched. To remove it: FOLDER/uninstall.sh
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mode='' prefix='' silent=no
say() { [ "$silent" = yes ] || echo "$*"; }
stop() { echo "install.sh: $*" >&2; exit 1; }

while [ $# -gt 0 ]; do
    case $1 in
        --user | --system) mode=${1#--} ;;
        --prefix) [ $# -gt 1 ] || exit 2; prefix=$2; shift ;;
        --silent) silent=yes ;;
        *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift
done
[ -n "$mode" ] || { [ "$(id -u)" = 0 ] && mode=system || mode=user; }
if [ "$mode" = system ]; then
    programs=${prefix:-/opt/vademecum} bin=/usr/local/bin share=/usr/local/share
else
    programs=${prefix:-$HOME/.local/lib/vademecum} bin=$HOME/.local/bin share=${XDG_DATA_HOME:-$HOME/.local/share}
fi
case $programs in
    /*) ;;
    *) stop "--prefix takes a whole path, such as /opt/vademecum." ;;
esac
[ -x "$here/vademecum/vademecum" ] || stop "there is no program beside this script: unpack the archive again."
if [ -e "$programs" ] && [ ! -e "$programs/installed" ]; then
    stop "$programs is there already, and was not made by this script: choose another folder with --prefix."
fi
mkdir -p "$(dirname "$programs")" "$bin" "$share/applications" 2>/dev/null ||
    stop "$(dirname "$programs") cannot be written: try --user, or run it as root."
need=$(du -sk "$here/vademecum" | cut -f1)
free=$(df -Pk "$(dirname "$programs")" | awk 'NR == 2 { print $4 }')
[ "$free" -gt "$need" ] || stop "it takes $((need / 1024)) MB, and $((free / 1024)) MB are free."

say "Installing to $programs ($((need / 1024)) MB) ..."
rm -rf "$programs.new" "$programs.old"
trap 'rm -rf "$programs.new"' EXIT
cp -R "$here/vademecum" "$programs.new"
cp "$here/uninstall.sh" "$programs.new/uninstall.sh"
chmod -R u+w,a+rX "$programs.new"
printf 'programs=%s\nbin=%s\nshare=%s\n' "$programs" "$bin" "$share" > "$programs.new/installed"
"$programs.new/vademecum" --version > /dev/null || stop "the program does not start on this computer."
[ ! -e "$programs" ] || mv "$programs" "$programs.old"
mv "$programs.new" "$programs"
rm -rf "$programs.old"

for name in vademecum vademecum-window; do
    ln -sfn "$programs/$name" "$bin/$name"
done
mkdir -p "$share/icons/hicolor/scalable/apps" "$share/mime/packages"
# whatever the folder is called: \ and & mean something to sed
escaped=$(printf '%s' "$programs" | sed 's/[\\&|]/\\&/g')
sed "s|@PROGRAMS@|$escaped|" "$here/share/vademecum.desktop" > "$share/applications/vademecum.desktop"
cp "$here/share/vademecum.svg" "$share/icons/hicolor/scalable/apps/vademecum.svg"
cp "$here/share/vademecum.xml" "$share/mime/packages/vademecum.xml"
# where these are missing, the system finds the entries by itself, later
update-desktop-database "$share/applications" > /dev/null 2>&1 || :
update-mime-database "$share/mime" > /dev/null 2>&1 || :
[ ! -e "$share/icons/hicolor/icon-theme.cache" ] || gtk-update-icon-cache -q -t "$share/icons/hicolor" || :

say "Done. Start it from the menu, or with: $bin/vademecum"
case ":$PATH:" in
    *":$bin:"*) ;;
    *) say "($bin is not in your PATH yet; it is after the next login on most systems.)" ;;
esac
say "To try every part of it: $bin/vademecum --self-check"
