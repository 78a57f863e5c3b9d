#!/bin/sh
# Removes Vademecum from where install.sh has put it. Your libraries, models and conversations stay, unless
# you say otherwise when you are asked.
#
#   uninstall.sh [--silent] [--keep-data | --delete-data]
#
# --silent       asks and says nothing, and keeps the data unless --delete-data is there as well
# --delete-data  deletes the data of the user who runs this, without asking
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
silent=no data=ask
say() { [ "$silent" = yes ] || echo "$*"; }

for argument; do
    case $argument in
        --silent) silent=yes ;;
        --keep-data) data=keep ;;
        --delete-data) data=delete ;;
        *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
[ -r "$here/installed" ] || { echo "uninstall.sh: $here was not made by install.sh." >&2; exit 1; }
said() { sed -n "s/^$1=//p" "$here/installed"; }
programs=$(said programs) bin=$(said bin) share=$(said share)
[ -w "$(dirname "$programs")" ] || { echo "uninstall.sh: $programs cannot be removed by you: run it as root." >&2; exit 1; }

for name in vademecum vademecum-window; do
    [ "$(readlink "$bin/$name" || :)" != "$programs/$name" ] || rm -f "$bin/$name"
done
rm -f "$share/applications/vademecum.desktop" "$share/mime/packages/vademecum.xml" \
    "$share/icons/hicolor/scalable/apps/vademecum.svg"
update-desktop-database "$share/applications" > /dev/null 2>&1 || :
update-mime-database "$share/mime" > /dev/null 2>&1 || :
[ ! -e "$share/icons/hicolor/icon-theme.cache" ] || gtk-update-icon-cache -q -t "$share/icons/hicolor" || :
rm -rf "$programs"
say "Vademecum is removed."

# Only where it lies when nobody has moved it: another folder may hold other things too.
mine=${XDG_DATA_HOME:-$HOME/.local/share}/vademecum
[ -z "${VADEMECUM_HOME:-}" ] || say "The data in $VADEMECUM_HOME stays; delete that folder if you want to."
[ -d "$mine" ] || exit 0
if [ "$data" = ask ] && [ "$silent" = no ] && [ -t 0 ]; then
    printf 'Delete your libraries, models and conversations in %s too? [y/N] ' "$mine"
    read -r reply || reply=n
    case $reply in [yY] | [yY][eE][sS]) data=delete ;; esac
fi
if [ "$data" = delete ]; then
    rm -rf "$mine"
    say "Your data is deleted."
else
    say "Your data stays in $mine"
fi
