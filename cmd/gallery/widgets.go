package main

import (
	"errors"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/assets"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

func init() { register("widgets", widgets) }

func options(codes []assets.Code) []part.Option {
	out := make([]part.Option, len(codes))
	for i, c := range codes {
		out[i] = part.Option{Key: c.Code, Name: c.Name, Also: c.Extra}
	}
	return out
}

func places(path []part.Option) []part.Option {
	parent := ""
	if len(path) > 0 {
		parent = path[len(path)-1].Key
	}
	return options(assets.Divisions(parent))
}

func page(o fyne.CanvasObject) fyne.CanvasObject { return container.NewVScroll(part.Top(part.Page(o))) }

func frame(at string, content func() fyne.CanvasObject) *shell.Frame {
	p := func() shell.Page {
		return shell.PageFunc(func(*shell.Life) fyne.CanvasObject { return content() })
	}
	f := shell.NewFrame(shell.FrameConfig{
		Province: "山西省", Name: "李鸿雁", Role: "执业医师", Support: "客服电话：400 810 6819（工作日 9:00-12:00，13:00-18:00）",
		Menu: []shell.Item{
			{Key: "home", Name: "首页", Glyph: "home", Page: p}, {Key: "enrol", Name: "填报信息", Glyph: "form", Page: p},
			{Key: "person", Name: "个人信息", Glyph: "person", Page: p}, {Key: "study", Name: "在线学习", Glyph: "study", Page: p},
			{Key: "exam", Name: "参加测评", Glyph: "exam", Page: p}, {Key: "result", Name: "考核结果", Glyph: "result", Page: p},
			{Key: "help", Name: "问题解答", Glyph: "help", Page: p},
		},
		OnPassword: func() {}, OnSignOut: func() {},
	})
	f.Go(at)
	f.SetSaved("已保存在本机", part.Good)
	f.SetNet("网络正常", part.Good)
	return f
}

func steps() []part.Step {
	return []part.Step{{Title: "基本信息", State: part.StepDone}, {Title: "执业信息", State: part.StepIncomplete}, {Title: "相关经历"},
		{Title: "工作业绩、职业道德"}, {Title: "考核程序"}, {Title: "确认信息"}}
}

func basics() fyne.CanvasObject {
	nation := part.NewSelect("请选择民族", options(assets.EthnicGroups()), nil)
	nation.Choose("01")
	sex := part.NewChoices(part.Options("男", "女"), nil)
	sex.Choose("女")
	born := part.NewDate(nil)
	born.SetValue("2003-05-17")
	mail := part.NewEntry("例如 name@example.com")
	mail.SetText("213@163")
	phone := part.NewEntry("11 位手机号码")
	photo := part.NewPhotoField(part.NewPhoto(108), part.Rows(
		part.NewHint("请选择 5 MB 以内的 jpg 或 png 证件照，白底、正面、一个人。照片会打印在考核结果通知书上，也用于考试时的人脸核对。")),
		part.NewPrimary("选择照片", nil).WithGlyph("upload"), part.NewSecondary("删除", nil))
	f := part.NewField("电子邮箱", mail).Required()
	f.SetError("邮箱不完整，请检查 @ 后面的部分。")
	return part.Groups(part.NewField("个人头像", photo).Required(), part.NewForm(
		part.NewField("姓名", part.NewLocked("李鸿雁")).Required(),
		part.NewField("性别", sex).Required(),
		part.NewField("证件类型", part.NewLocked("居民身份证")).Required(),
		part.NewField("证件号码", part.NewLocked("1101**********16")).Required().WithHint("姓名和证件由所在机构登记，如有错误请联系机构。"),
		part.NewField("出生日期", born).Required(),
		part.NewField("民族", nation).Required(),
		part.NewField("学历", part.NewSelect("请选择学历", options(assets.Educations()), nil)).Required(),
		f,
		part.NewField("手机号码", phone).Required(),
	))
}

func enrol() fyne.CanvasObject {
	return frame("enrol", func() fyne.CanvasObject {
		return part.Groups(
			part.NewCard("", part.NewStepper(steps(), 0, nil)),
			part.NewBanner(part.Warn, "机构已退回您的申请", "原因：执业证书编码与证书照片不一致，请核对后重新提交。", part.NewSecondary("查看记录", nil)),
			part.NewCard("基本信息", basics()),
			part.Ends(part.Space(1), part.NewSecondary("保存", nil).WithGlyph("disk"), part.NewPrimary("下一步", nil)),
		)
	}).Object()
}

func home() fyne.CanvasObject {
	return frame("home", func() fyne.CanvasObject {
		return part.Groups(
			part.Columns(2, 380,
				part.NewCard("考核安排", part.NewDetails(1, part.Pair{Label: "当前考核周期", Value: "2024年07月 — 2025年07月"},
					part.Pair{Label: "机构上报时间", Value: "2024-09-01 至 2024-09-30"}, part.Pair{Label: "信息申报时间", Value: "2024-10-01 至 2024-10-31"},
					part.Pair{Label: "测评时间", Value: "2024-11-01 至 2025-06-30"})),
				part.NewCard("机构信息", part.NewDetails(1, part.Pair{Label: "卫健行政部门", Value: "山西省卫生健康委员会"},
					part.Pair{Label: "执业机构", Value: "长治市潞州区人民医院"}, part.Pair{Label: "考核机构", Value: "长治市医师考核中心"}))),
			part.NewCard("考核流程", part.NewProcess([]part.Node{
				{Title: "填报信息", State: "已提交", Tone: part.Good}, {Title: "机构审核", State: "已通过", Tone: part.Good},
				{Title: "考核机构复核", State: "等待复核", Tone: part.Wait, Current: true}, {Title: "参加测评", State: "未开始", Tone: part.Neutral},
				{Title: "查看考核结果", State: "未开始", Tone: part.Neutral, Action: ""}}, nil)),
			part.NewCard("我的状态", part.NewDetails(2, part.Pair{Label: "当前状态", Value: "待考核机构复核", Tone: part.Wait},
				part.Pair{Label: "考核程序", Value: "一般程序"}, part.Pair{Label: "首次考核结果", Value: "无"}, part.Pair{Label: "补考考核结果", Value: "无"})),
		)
	}).Object()
}

var situations = []string{"无以下情形", "在发生的医疗事故中负有完全或者主要责任的",
	"未经所在机构或者卫生行政部门批准，擅自在注册地点以外的医疗、预防、保健机构进行执业活动的",
	"索要或者收受医疗器械、药品、试剂等生产、销售企业或其工作人员给予的回扣、提成或者谋取其他不正当利益的",
	"故意泄露传染病人、病原携带者、疑似传染病病人、密切接触者涉及个人隐私的有关信息、资料的"}

func controls() fyne.CanvasObject {
	scopes := part.NewMultiSelect("请选择执业范围（可多选）", options(assets.Scopes("1")), nil)
	scopes.Choose("11", "13", "19", "25")
	place := part.NewCascade([]string{"省", "市", "区县"}, places, nil)
	place.Choose("14", "1404")
	area := part.NewArea("请填写个人述职报告", 4, 2000)
	area.SetText("本人在考核周期内，认真履行岗位职责，完成了各项医疗工作。")
	list := part.NewCheckList(part.Options(situations...), situations[0], nil)
	list.SetKeys(situations[2:3])
	off := part.NewSelect("", part.Options("临床"), nil)
	off.Choose("临床")
	off.Disable()
	busy := part.NewPrimary("提交", nil)
	busy.SetBusy(true)
	dis := part.NewSecondary("不可用", nil)
	dis.Disable()
	return page(part.Groups(
		part.NewTitle("全部控件"),
		part.NewCard("按钮", part.Flow(part.NewPrimary("下一步", nil), part.NewSecondary("保存", nil).WithGlyph("disk"), part.NewQuiet("查看", nil),
			part.NewDanger("撤销证书", nil), busy, dis, part.NewSecondary("新增", nil).WithGlyph("plus").Small())),
		part.NewCard("选择", part.NewForm(
			part.NewField("执业范围", scopes).Required(), part.NewField("机构所在地", place).Required(),
			part.NewField("执业类别", off).WithHint("由机构登记"), part.NewField("取得时间", part.NewMonth(nil)).Required(),
			part.Wide(part.NewField("直接认定为不合格的情形", list).Required()),
			part.NewField("个人述职报告", area).Required(),
			part.NewField("自评", part.NewChoices(part.Options("优秀", "良好", "一般"), nil)).Required())),
		part.NewCard("状态", part.Flow(part.NewChip("草稿", part.Neutral), part.NewChip("待测评", part.Info), part.NewChip("待机构审核", part.Wait),
			part.NewChip("合格", part.Good), part.NewChip("已退回", part.Warn), part.NewChip("不合格", part.Bad))),
	))
}

func more() fyne.CanvasObject {
	rec := part.NewRecords("教育经历", []string{"学历学位", "毕业院校", "专业", "起止时间"}, func() {})
	rec.OnEdit, rec.OnDelete = func(int) {}, func(int) {}
	rec.SetWeights(1, 2, 1.5, 1.5)
	rec.SetRows([][]string{{"博士", "北京协和医学院", "儿科学", "2019-09 至 2022-06"}, {"硕士", "山西医科大学第一临床医学院（长治教学区）", "新生儿医学", "2016-09 至 2019-06"}})
	empty := part.NewRecords("多机构备案", []string{"执业机构", "科室", "职务"}, func() {})
	thumbs := part.NewThumbs(6)
	thumbs.OnAdd, thumbs.OnOpen, thumbs.OnDelete = func() {}, func(int) {}, func(int) {}
	thumbs.Set([]part.Thumb{{Name: "执业证书.jpg"}, {Name: "良好行为记录证明材料（2024）.png"}})
	finder := part.NewFinder("机构名称", func(q string, answer func([]part.Option, error)) {
		answer([]part.Option{{Key: "1", Name: "长治市人民医院", Note: "山西省 长治市"}, {Key: "2", Name: "长治医学院附属和平医院", Note: "山西省 长治市"}}, nil)
	}, nil)
	finder.Find()
	broken := part.NewFinder("机构名称", func(q string, answer func([]part.Option, error)) {
		answer(nil, errors.New("暂时连不上登记系统，您填写的内容都已保存，请稍后再试。"))
	}, nil)
	broken.Find()
	return page(part.Groups(
		part.NewCard("表格", part.Groups(rec, empty)),
		part.Columns(2, 400, part.NewCard("查找机构", finder), part.NewCard("查找失败", broken)),
		part.NewCard("证明材料", thumbs),
		part.Columns(2, 400,
			part.NewCard("审核记录", part.NewTimeline([]part.Event{
				{What: "提交申请", When: "2024-10-08 09:12", Who: "李鸿雁", Tone: part.Info},
				{What: "机构退回", Text: "执业证书编码与证书照片不一致，请核对后重新提交。", When: "2024-10-09 15:40", Who: "长治市潞州区人民医院 王敏", Tone: part.Warn},
				{What: "机构审核通过", When: "2024-10-11 10:05", Who: "长治市潞州区人民医院 王敏", Tone: part.Good}})),
			part.Groups(part.NewBanner(part.Info, "网络已断开", "您填写的内容保存在本机，网络恢复后自动上传。"),
				part.NewBanner(part.Good, "提交成功", "个人报名信息提交成功，请耐心等待机构审核。"),
				part.NewBanner(part.Wait, "等待机构审核", ""), part.NewBanner(part.Bad, "另一台电脑修改了同一份申请", "请选择保留哪一份，两份都不会丢失。", part.NewSecondary("比较", nil)))),
		part.Columns(3, 300, part.NewCard("", part.NewEmpty("暂无数据", "还没有医师提交申请。")),
			part.NewCard("", part.NewFailed("打不开列表", "连不上登记系统。已保存的内容不受影响，请检查网络后重试。", part.NewSecondary("重试", nil))),
			part.NewCard("", part.NewLoading("正在载入…"))),
	))
}

func reviewList() fyne.CanvasObject {
	t := part.NewDataTable([]part.Column{{Title: "姓名", Weight: 1, Sort: true}, {Title: "证件号码", Weight: 2}, {Title: "执业机构", Weight: 2.4, Sort: true},
		{Title: "考核程序", Weight: 1}, {Title: "状态", Weight: 1.4}, {Title: "提交时间", Weight: 1.6, Sort: true}}, true)
	names := []string{"李鸿雁", "王建国", "赵敏", "欧阳娜娜", "张伟"}
	states := []part.Cell{{Text: "待机构审核", Tone: part.Wait}, {Text: "已退回", Tone: part.Warn}, {Text: "合格", Tone: part.Good}, {Text: "草稿", Tone: part.Neutral}, {Text: "待测评", Tone: part.Info}}
	t.SetRows(5000, func(i int) []part.Cell {
		return []part.Cell{{Text: names[i%5]}, {Text: "1404**********" + fmt.Sprintf("%02d", i%97)}, {Text: "长治市潞州区人民医院（含第二门诊部及体检中心）"}, {Text: "一般程序"}, states[i%5], {Text: "2024-10-08 09:12"}}
	})
	t.SetSort(5, true)
	pager := part.NewPager(nil)
	pager.Set(0, 50, 5000)
	bar := part.Ends(part.Row(part.NewSearchBox("姓名或证件号码", nil), part.Sized(150, 0, part.NewSelect("全部状态", part.Options("待审核", "已退回"), nil))),
		part.NewSecondary("批量退回", nil), part.NewPrimary("批量通过", nil))
	return container.NewStack(part.Sized(1, 1, part.Page(container.NewBorder(part.Rows(part.NewTitle("审核列表"), bar, part.Space(1)), part.Rows(part.Space(1), pager), nil, nil, t))))
}

func widgets() []part.Exhibit {
	tall := fyne.NewSize(1100, 980)
	return []part.Exhibit{
		{Name: "widgets-home", Title: "框架与首页", Build: home},
		{Name: "widgets-enrol", Title: "填报框架", Size: fyne.NewSize(1280, 980), Build: enrol},
		{Name: "widgets-enrol-small", Title: "填报框架（小屏）", Size: fyne.NewSize(1024, 640), Build: enrol},
		{Name: "widgets-controls", Title: "全部控件", Size: tall, Build: controls},
		{Name: "widgets-more", Title: "表格与状态", Size: fyne.NewSize(1100, 1560), Build: more},
		{Name: "widgets-desk", Title: "审核列表", Build: reviewList},
		{Name: "widgets-select", Title: "可查找的列表", Build: func() fyne.CanvasObject { return corner(theSelect()) }, Then: func(fyne.Canvas) { opened.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown}) }, Size: fyne.NewSize(600, 520)},
		{Name: "widgets-multi", Title: "多选列表", Build: func() fyne.CanvasObject { return corner(theMulti()) }, Then: func(fyne.Canvas) { opened.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown}) }, Size: fyne.NewSize(600, 520)},
		{Name: "widgets-date", Title: "日历", Build: func() fyne.CanvasObject { return corner(theDate("1986-03-05")) }, Then: func(fyne.Canvas) { day.ShowCalendar() }, Size: fyne.NewSize(600, 480)},
		{Name: "widgets-confirm", Title: "确认对话框", Build: home, Then: func(c fyne.Canvas) {
			part.Confirm(c, "提交信息", "提交后由所在机构审核。审核开始前可以撤回修改。现在提交吗？", "现在提交", "再看看", nil)
		}},
		{Name: "widgets-reason", Title: "退回原因对话框", Build: home, Then: func(c fyne.Canvas) {
			part.AskReason(c, "退回申请", "退回后医师会看到原因，修改后可重新提交。", "退回", 200, nil).SetError("请先写明原因，对方会看到这段文字。")
		}},
		{Name: "widgets-form", Title: "表单对话框", Build: home, Then: func(c fyne.Canvas) { formDialog(c) }},
		{Name: "widgets-toast", Title: "提示", Build: func() fyne.CanvasObject {
			f := frame("home", func() fyne.CanvasObject { return part.NewTitle("首页") })
			f.SetNotices(part.NewBanner(part.Warn, "网络已断开", "您填写的内容保存在本机，网络恢复后自动上传。"))
			f.SetNet("离线", part.Warn)
			f.SetBadge("exam", "1")
			f.Toast(part.Good, "已保存")
			return f.Object()
		}, Size: fyne.NewSize(1024, 640)},
		{Name: "widgets-zoom", Title: "放大", Build: zoomed, Size: fyne.NewSize(900, 640)},
	}
}

var opened fyne.Focusable

func theSelect() fyne.CanvasObject {
	s := part.NewSelect("请选择民族", options(assets.EthnicGroups()), nil)
	s.Choose("03")
	opened = s
	return part.NewField("民族", s).Required()
}

func theMulti() fyne.CanvasObject {
	m := part.NewMultiSelect("请选择", options(assets.Scopes("1")), nil)
	m.Choose("11", "14")
	opened = m
	return part.NewField("执业范围", m).Required()
}

var day *part.Date

func theDate(v string) fyne.CanvasObject {
	day = part.NewDate(nil)
	day.SetValue(v)
	return part.NewField("出生日期", day).Required()
}

func corner(o fyne.CanvasObject) fyne.CanvasObject {
	return part.Page(part.Rows(part.NewCard("填报信息", part.Sized(380, 0, o))))
}

func formDialog(c fyne.Canvas) {
	part.ShowForm(c, "多机构备案信息", 620, part.Groups(
		part.NewField("机构", part.NewCascade([]string{"省", "市", "区县"}, places, nil)).Required(),
		part.NewFinder("机构名称", func(string, func([]part.Option, error)) {}, nil),
		part.NewForm(part.NewField("科室", part.NewEntry("请输入科室")).Required(), part.NewField("职务", part.NewEntry("请输入职务")))), "保存", func(*part.Dialog) {})
}

func zoomed() fyne.CanvasObject {
	rows := part.Groups()
	for _, z := range theme.ZoomSteps {
		rows.Add(part.NewText(fmt.Sprintf("%d%%　患者，男，45 岁，突发胸痛 2 小时（持续不缓解）。下列处理中，最恰当的是：", z)).Styled(theme.Zoom(z), theme.ColorInk, false))
	}
	return page(part.NewCard("放大", rows))
}
