#!/bin/bash
# unpack-debian.sh FOLDER SUITE PACKAGE...: packages of a Debian suite and what they depend on, unpacked into FOLDER as a root
# file system. Runs none of their scripts and changes nothing of this system; needs no root. For a compiler that this system's
# own suite does not have. A program in it runs by bubblewrap: see swift.rs.
set -euo pipefail
folder=$1 suite=$2
shift 2
mirror=$(sed -n 's/^URIs: //p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -1)
apt=$(mktemp -d)
trap 'rm -rf "$apt"' EXIT
mkdir -p "$apt"/{lists/partial,cache/archives/partial,etc/apt.conf.d,etc/preferences.d}
: > "$apt/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${mirror:-http://deb.debian.org/debian} $suite main" \
  > "$apt/etc/sources.list"
options=(-o "Dir::State=$apt" -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status"
  -o "Dir::Cache=$apt/cache" -o "Dir::Etc::sourcelist=$apt/etc/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::Etc::parts=$apt/etc/apt.conf.d" -o "Dir::Etc::preferencesparts=$apt/etc/preferences.d"
  -o APT::Install-Recommends=false -o "APT::Sandbox::User=$(id -un)" -o Debug::NoLocking=1)
apt-get "${options[@]}" update -qq
apt-get "${options[@]}" install -y -qq --download-only "$@" > /dev/null

# A half-unpacked one is of no use.
rm -rf "$folder"/{usr,bin,sbin,lib,lib64,etc,var}
mkdir -p "$folder"/{usr/bin,usr/sbin,usr/lib,usr/lib64,tmp,proc,dev,etc,var,root}
for directory in bin sbin lib lib64; do ln -sfn "usr/$directory" "$folder/$directory"; done
for package in "$apt"/cache/archives/*.deb; do
  dpkg-deb --fsys-tarfile "$package" | tar -C "$folder" -x --keep-directory-symlink --no-same-owner -f -
done
ln -sf bash "$folder/usr/bin/sh"
