#!/usr/bin/env bash
echo a
