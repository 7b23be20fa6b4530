#!/bin/bash
set -e
if true; then
  echo a
fi
