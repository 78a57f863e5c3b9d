#!/bin/bash
# Makes dist/vademecum-VERSION-macos-ARCHITECTURE.dmg from dist/Vademecum.app, which `make bundle` leaves on a Mac.
# Written with care and read again, but never run: the project's own machines are Linux.
#
#   packaging/macos/build_dmg.sh
#
# IDENTITY="Developer ID Application: ..." signs with that certificate, and PROFILE=... has Apple notarise the image
# (xcrun notarytool store-credentials PROFILE). Without them the app is signed ad hoc: it runs where it was built;
# elsewhere the first start is by right click, Open.
#
# For one user, drag the app to ~/Applications; for all, to /Applications. Silent, for administrators:
#   hdiutil attach -nobrowse -quiet -mountpoint /tmp/vademecum vademecum-VERSION-macos-ARCHITECTURE.dmg
#   sudo ditto /tmp/vademecum/Vademecum.app /Applications/Vademecum.app
#   hdiutil detach -quiet /tmp/vademecum
#   sudo ln -sf /Applications/Vademecum.app/Contents/MacOS/vademecum /usr/local/bin/vademecum
# To remove: delete the app and the link. Data stays in ~/Library/Application Support/vademecum of each user.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
app=$root/dist/Vademecum.app
identity=${IDENTITY:--}
[ "$(uname -s)" = Darwin ] || { echo "build_dmg.sh: this takes a Mac." >&2; exit 1; }
[ -d "$app" ] || { echo "build_dmg.sh: there is no $app: run make bundle first." >&2; exit 1; }
version=$(sed -n 's/^__version__ = "\(.*\)"$/\1/p' "$root/core/__init__.py")
image=$root/dist/vademecum-$version-macos-$(uname -m).dmg

# content/ and licences/ were added after PyInstaller had signed; the hardened runtime is asked for by the notary,
# and needs to be told that Python makes code while it runs.
entitlements=$root/packaging/macos/entitlements.plist
options=
[ "$identity" = - ] || options='--options runtime --timestamp'
find "$app/Contents" -type f \( -name '*.dylib' -o -name '*.so' -o -perm -111 \) -print0 |
    while IFS= read -r -d '' file; do
        # shellcheck disable=SC2086
        codesign --force $options --entitlements "$entitlements" --sign "$identity" "$file" 2> /dev/null || :
    done
# shellcheck disable=SC2086
codesign --force $options --entitlements "$entitlements" --sign "$identity" "$app"
codesign --verify --deep --strict "$app"
"$app/Contents/MacOS/vademecum" --self-check

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
ditto "$app" "$stage/Vademecum.app"
ln -s /Applications "$stage/Applications"
rm -f "$image"
hdiutil create -volname "Vademecum $version" -srcfolder "$stage" -format ULFO -quiet "$image"
if [ "$identity" != - ]; then
    codesign --sign "$identity" --timestamp "$image"
    if [ -n "${PROFILE:-}" ]; then
        xcrun notarytool submit "$image" --keychain-profile "$PROFILE" --wait
        xcrun stapler staple "$image"
    fi
fi
echo "$image"
