package dialect

import "sync"

// specialForms are what looks like a function and is not one: its arguments are typed, or evaluated, in their own way.
var specialForms = map[string]func(*rewriting) (expr, error){}

func init() {}

func conditionalFunctions() []Function { return nil }
func mathFunctions() []Function { return nil }
func stringFunctions() []Function { return nil }
func regexpFunctions() []Function { return nil }
func urlFunctions() []Function { return nil }
func dateFunctions() []Function { return nil }
func dateFormatFunctions() []Function { return nil }
func jsonFunctions() []Function { return nil }
func arrayFunctions() []Function { return nil }

var trinoFunctions = sync.OnceValue(func() map[string]bool { return nil })
var foreignFunctions = map[string]string{}
