package theme

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"dingkao/assets"
)

// locales are the languages that Fyne has words for, beside ours. Forcing a language means registering its
// words for all of them: Fyne takes the system's language whenever it knows it.
var locales = []fyne.Locale{"en", "zh", "zh-CN", "zh-Hans", "cs", "de", "el", "es", "fr", "ja", "pl", "pt", "pt-BR", "ru", "sv", "ta", "uk"}

// Speak loads our words. With "zh", which is what every program does unless told otherwise, or "en", that
// language is spoken whatever the system's is, so that nobody is left with half a language. With "" the
// system's language decides, as far as we have it.
func Speak(language string) error {
	var errs []error
	for _, locale := range locales {
		words := assets.Words(language)
		if language == "" {
			if words = assets.Words(string(locale[:2])); words == nil {
				continue
			}
		}
		if words == nil {
			return errors.New("theme: no words for language " + language)
		}
		errs = append(errs, lang.AddTranslationsForLocale(words, locale))
	}
	return errors.Join(errs...)
}
