package pc

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"dingkao/exam"
)

// Config is what a program is told from outside. The file <program>.json in the
// data folder has the same names.
type Config struct {
	// Program is terminal or desk: it names the program's files.
	Program string `json:"-"`
	// Registry is the registry's address: https://…, or http:// on this very machine.
	Registry string `json:"registry"`
	// Pins are the fingerprints of its certificate authority, one or two.
	Pins []string `json:"pins"`
	// Data is the folder where everything typed is kept; "" is the user's own.
	Data string `json:"-"`
	// Name says which machine this is, in the registry's audit log.
	Name string `json:"name"`
	// Room is where it stands, as proctors call it; "" is nowhere in particular.
	Room string `json:"room"`
	// HighContrast asks for black on white.
	HighContrast bool `json:"highContrast"`
}

// File is where what flags and environment do not say is looked up.
func (c Config) File() string { return filepath.Join(c.Data, c.Program+".json") }

// Store is the file in which everything typed is kept.
func (c Config) Store() string { return filepath.Join(c.Data, c.Program+".db") }

// Remembered is the file of small conveniences (see Memory).
func (c Config) Remembered() string { return filepath.Join(c.Data, c.Program+"-remembered.json") }

// ReadConfig reads flags, then the environment, then the file: the first that says
// something counts. The error is Invalid, or flag.ErrHelp.
func ReadConfig(program string, args []string, env func(string) string) (Config, error) {
	set := flag.NewFlagSet(program, flag.ContinueOnError)
	registry := set.String("registry", "", "登记处的地址，如 https://registry.example.cn:8443")
	pins := set.String("pin", "", "登记处公钥的指纹（64位十六进制），有两个时用逗号隔开")
	data := set.String("data", "", "保存本机数据的文件夹，默认在用户的配置文件夹里")
	name := set.String("name", "", "这台电脑的名称，记入登记处的审计日志")
	room := set.String("room", "", "这台电脑所在的考场，监考员按考场查看考生")
	contrast := set.Bool("contrast", false, "高对比度显示")
	show := set.Bool("version", false, "显示版本")
	set.Usage = func() {
		fmt.Fprintln(set.Output(), "用法："+program+" [--registry 地址] [--pin 指纹] [--data 文件夹]")
		set.PrintDefaults()
		fmt.Fprintln(set.Output(), "也可以用环境变量 DINGKAO_REGISTRY、DINGKAO_PIN、DINGKAO_DATA，或数据文件夹里的 "+program+".json 指定。")
	}
	if err := set.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return Config{}, err
		}
		return Config{}, exam.Wrap(exam.Invalid, err, "启动参数不对，请用 --help 查看用法")
	}
	if *show {
		fmt.Println(Version)
		return Config{}, flag.ErrHelp
	}
	c := Config{Program: program}
	c.Data = first(*data, env("DINGKAO_DATA"))
	if c.Data == "" {
		dir, err := os.UserConfigDir()
		if err != nil {
			return Config{}, exam.Wrap(exam.Invalid, err, "没有找到用户的配置文件夹，请用 --data 指定保存数据的文件夹")
		}
		c.Data = filepath.Join(dir, "dingkao")
	}
	if abs, err := filepath.Abs(c.Data); err == nil {
		c.Data = abs
	}
	text, err := os.ReadFile(c.File())
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return Config{}, exam.Wrap(exam.Invalid, err, "读不了 "+c.File()+"，请检查文件的权限")
	default:
		if err := json.Unmarshal(text, &c); err != nil {
			return Config{}, exam.Wrap(exam.Invalid, err, c.File()+" 的内容不对，请联系管理员更正")
		}
	}
	c.Registry = first(*registry, env("DINGKAO_REGISTRY"), c.Registry)
	if p := first(*pins, env("DINGKAO_PIN")); p != "" {
		c.Pins = strings.FieldsFunc(p, func(r rune) bool { return r == ',' || r == ' ' })
	}
	c.Name = first(*name, c.Name)
	c.Room = first(*room, c.Room)
	c.HighContrast = c.HighContrast || *contrast
	return c, nil
}

func first(ss ...string) string {
	for _, s := range ss {
		if s != "" {
			return s
		}
	}
	return ""
}

// Shown is the folder for files that another program is asked to show.
func (c Config) Shown() string { return filepath.Join(c.Data, c.Program+"-shown") }

// WhereToSay tells a person where the address and the pin belong.
func (c Config) WhereToSay() string {
	return "登记处的地址和公钥指纹由管理员提供，可写在 " + c.File() + " 里，或用 --registry 和 --pin 指定。"
}
