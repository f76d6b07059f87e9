package main

import "dingkao/ui/desk"

func init() { register("desk", desk.Gallery) }
