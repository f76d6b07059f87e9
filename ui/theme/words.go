package theme

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"dingkao/assets"
)

// Speak loads our words. With "zh", which is what every program does unless told otherwise, the Chinese
// words are registered for English systems too, so that nobody is left with half a language; with ""
// the system's language decides; with "en" the English words are registered for Chinese systems.
func Speak(language string) error {
	var errs []error
	for _, locale := range []string{"en", "zh", "zh-CN", "zh-Hans"} {
		words := assets.Words(locale[:2])
		if language != "" {
			words = assets.Words(language)
		}
		if words == nil {
			return errors.New("theme: no words for language " + language)
		}
		errs = append(errs, lang.AddTranslationsForLocale(words, fyne.Locale(locale)))
	}
	return errors.Join(errs...)
}
