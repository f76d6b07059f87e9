package terminal

import (
	"strings"

	"dingkao/assets"
	"dingkao/exam"
)

// provinceChoice is one province that can be chosen at the sign-in.
type provinceChoice struct{ Code, Name string }

// provincesOf are the provinces to choose from: those of the registry, or all
// when nothing was ever heard from it.
func provincesOf(a exam.About) []provinceChoice {
	var out []provinceChoice
	for _, p := range a.Provinces {
		out = append(out, provinceChoice{p.Code, p.Name})
	}
	if len(out) == 0 {
		for _, p := range assets.Provinces() {
			out = append(out, provinceChoice{p.Code, p.Name})
		}
	}
	return out
}

// The fields of the sign-in, as problems name them.
const (
	fieldProvince = "province"
	fieldLogin    = "login"
	fieldPassword = "password"
	fieldCaptcha  = "text"
)

// checkSignIn says what is wrong with what was typed, field by field, before
// anything is sent; the number is put into its proper form. Offline needs no captcha.
func checkSignIn(c exam.Credentials, offline bool) (exam.Credentials, map[string]string) {
	bad := map[string]string{}
	if c.Province == "" {
		bad[fieldProvince] = "请选择执业所在省份"
	}
	if strings.TrimSpace(c.Login) == "" {
		bad[fieldLogin] = "请输入身份证号码"
	} else if id, err := exam.ParseIdentity(c.Login); err != nil {
		bad[fieldLogin] = exam.SentenceOf(err)
	} else {
		c.Login = string(id)
	}
	if c.Password == "" {
		bad[fieldPassword] = "请输入密码"
	}
	c.Text = strings.TrimSpace(c.Text)
	if !offline && c.Text == "" {
		bad[fieldCaptcha] = "请输入图中的字符"
	}
	return c, bad
}

// checkNewPassword says what is wrong with a change of password, field by field.
func checkNewPassword(old, fresh, again, login string) map[string]string {
	bad := map[string]string{}
	if old == "" {
		bad["old"] = "请输入当前密码"
	}
	switch err := exam.CheckPassword(fresh, login); {
	case fresh == "":
		bad["new"] = "请输入新密码"
	case err != nil:
		bad["new"] = exam.SentenceOf(err)
	case fresh == old:
		bad["new"] = "新密码不能与当前密码相同"
	}
	if again != fresh {
		bad["again"] = "两次输入的新密码不一致"
	} else if again == "" {
		bad["again"] = "请再次输入新密码"
	}
	return bad
}

// passwordRules are the rules as the page lists them.
var passwordRules = []string{
	"8至64位",
	"同时有字母和数字（或符号）",
	"不能是初始密码，不能与账号相同",
}
