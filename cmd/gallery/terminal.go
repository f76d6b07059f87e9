package main

import "dingkao/ui/terminal"

func init() { register("terminal", terminal.Gallery) }
