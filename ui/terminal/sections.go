package terminal

import (
	"image"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// sectionCards draws what is described, one card for each section, to be read.
// picture fetches an image by its hash; enlarge shows one large.
func sectionCards(sections []application.Section, picture func(exam.BlobHash, func(image.Image, error)), enlarge func(exam.Blob), actions func(application.Step) []fyne.CanvasObject) []fyne.CanvasObject {
	var out []fyne.CanvasObject
	for _, s := range sections {
		var photo *part.Photo
		var pairs []part.Pair
		rows := part.Groups()
		var below []fyne.CanvasObject
		for _, f := range s.Fields {
			switch {
			case f.Key == "photo":
				photo = part.NewPhoto(96)
				if len(f.Pictures) > 0 {
					picture(f.Pictures[0].Hash, func(img image.Image, err error) {
						if err == nil {
							photo.SetImage(img)
						}
					})
				}
			case f.Key == "proofs":
				below = append(below, part.NewField(f.Label, thumbsOf(f.Pictures, picture, enlarge)))
			case f.Key == "report" || f.Key == "situations" && f.Value != "":
				below = append(below, part.NewField(f.Label, part.NewText(orElse(f.Value, "未填写"))))
			default:
				pairs = append(pairs, part.Pair{Label: f.Label, Value: f.Value, Wide: f.Long})
			}
		}
		if len(pairs) > 0 {
			var details fyne.CanvasObject = part.NewDetails(2, pairs...)
			if photo != nil {
				details = part.Beside(photo, details, theme.Margin)
			}
			rows.Add(details)
		}
		for _, o := range below {
			rows.Add(o)
		}
		for _, t := range s.Tables {
			r := part.NewRecords(t.Title, t.Header, nil)
			r.SetRows(t.Rows)
			rows.Add(r)
		}
		var acts []fyne.CanvasObject
		if actions != nil {
			acts = actions(s.Step)
		}
		out = append(out, part.NewCard(s.Title, rows, acts...))
	}
	return out
}

func thumbsOf(blobs []exam.Blob, picture func(exam.BlobHash, func(image.Image, error)), enlarge func(exam.Blob)) fyne.CanvasObject {
	t := part.NewThumbs(len(blobs))
	t.OnOpen = func(i int) { enlarge(blobs[i]) }
	files := make([]part.Thumb, len(blobs))
	for i, b := range blobs {
		files[i].Name = b.Name
	}
	t.Set(files)
	for i, b := range blobs {
		picture(b.Hash, func(img image.Image, err error) {
			if err == nil {
				files[i].Image = img
				t.Set(files)
			}
		})
	}
	return t
}

// differenceTable shows values side by side.
func differenceTable(title string, list []application.Difference, mine, theirs string) fyne.CanvasObject {
	r := part.NewRecords(title, []string{"项目", mine, theirs}, nil).SetWeights(0.8, 1.4, 1.4)
	rows := make([][]string, len(list))
	for i, d := range list {
		rows[i] = []string{d.Label, orElse(d.Mine, "未填写"), orElse(d.Theirs, "未填写")}
	}
	r.SetRows(rows)
	return r
}
