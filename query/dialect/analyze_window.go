package dialect

import (
	"slices"
	"strings"
)

// This file analyses windows: OVER, the clause WINDOW, and the frames.

// windowRules are what Trino asks of functions that are no aggregates.
var windowRules = map[string]struct {
	frame bool // may have a frame
	nulls bool // may have IGNORE NULLS or RESPECT NULLS
	order bool // needs ORDER BY
}{
	"row_number": {}, "rank": {}, "dense_rank": {}, "percent_rank": {}, "cume_dist": {}, "ntile": {},
	"lag": {nulls: true, order: true}, "lead": {nulls: true, order: true},
	"first_value": {frame: true, nulls: true}, "last_value": {frame: true, nulls: true}, "nth_value": {frame: true, nulls: true},
}

// sharedNodesMax bounds the nodes of expressions that are written once and used several times.
const sharedNodesMax = 1_000_000

// size counts the nodes of a window's expressions.
func (w *windowPlan) size() int {
	n := 0
	walkWindow(w, func(expr) { n++ })
	return n
}

// selectOf is where Trino places errors that belong to the whole of a SELECT.
func selectOf(s *scope, n node) interface{ offset() int32 } {
	if s != nil && s.owner != nil {
		return s.owner
	}
	return n
}

// window adds OVER to the call c.
func (a *analyzer) window(s *scope, n *callNode, c *callExpr) error {
	if c.filter != nil {
		return a.errorf(CodeNotSupported, selectOf(s, n), "FILTER is not yet supported for window functions")
	}
	if !strings.Contains(c.over.SQL, "$F") || n.name == "listagg" {
		return a.unsupported(n, n.name+" over windows: such calls")
	}
	w, err := a.windowOf(s, n.window)
	if err != nil {
		return err
	}
	if err := a.windowRule(n, c, w); err != nil {
		return err
	}
	for _, e := range c.args {
		if inner := windowIn(e); inner != nil {
			return a.errorf(CodeNestedWindow, inner, "Cannot nest window functions or row pattern measures inside window function arguments")
		}
	}
	c.window = w
	return nil
}

func (a *analyzer) windowRule(n *callNode, c *callExpr, w *windowPlan) error {
	rule, known := windowRules[n.name]
	switch {
	case (n.ignore || n.respect) && !rule.nulls:
		return a.errorf(CodeNullTreatment, n, "Cannot specify null treatment clause for %s function", n.name)
	case !known:
		return nil
	case w.frame != nil && !rule.frame:
		return a.errorf(CodeWindowFrame, w.frame, "Cannot specify window frame for %s function", n.name)
	case rule.order && len(w.order) == 0:
		return a.errorf(CodeMissingOrderBy, n.window, "%s function requires an ORDER BY window clause", n.name)
	}
	return nil
}

// namedWindows analyses the clause WINDOW: each may build on those before it.
func (a *analyzer) namedWindows(s *scope, list []namedWindowNode) error {
	for _, w := range list {
		name := strings.ToLower(w.name.text)
		if s.owner.windows[name] != nil {
			return a.src.errorf(CodeDuplicateWindow, w.name.off, "WINDOW name '%s' specified more than once", w.name.text)
		}
		plan, err := a.windowOf(s, w.window)
		if err != nil {
			return err
		}
		if s.owner.windows == nil {
			s.owner.windows = map[string]*windowPlan{}
		}
		if w.window.name == nil || !w.window.alone {
			plan.nodes = plan.size()
		}
		s.owner.windows[name] = plan
	}
	return nil
}

// windowOf analyses a window, which may begin with the name of another one.
func (a *analyzer) windowOf(s *scope, n *windowNode) (*windowPlan, error) {
	w := &windowPlan{}
	if n.name != nil {
		base, err := a.windowNamed(s, n)
		if err != nil || n.alone {
			return base, err
		}
		w.partition, w.partitionAt, w.order = base.partition, base.partitionAt, base.order
	}
	if err := a.windowKeys(s, n, w); err != nil {
		return nil, err
	}
	if n.frame != nil {
		return w, a.frame(s, n, w)
	}
	return w, nil
}

func (a *analyzer) windowNamed(s *scope, n *windowNode) (*windowPlan, error) {
	var base *windowPlan
	if s != nil && s.owner != nil {
		base = s.owner.windows[strings.ToLower(n.name.text)]
	}
	if base != nil {
		base.uses++
	}
	switch {
	case base != nil && base.nodes*base.uses > sharedNodesMax:
		return nil, a.unsupported(n, "so many uses of so large a window")
	case base == nil:
		return nil, a.src.errorf(CodeWindowReference, n.name.off, "Cannot resolve WINDOW name %s", n.name.text)
	case n.alone:
		return base, nil
	case len(n.partition) > 0:
		return nil, a.errorf(CodeInvalidPartitionBy, n.partition[0], "WINDOW specification with named WINDOW reference cannot specify PARTITION BY")
	case len(n.order) > 0 && len(base.order) > 0:
		return nil, a.errorf(CodeInvalidOrderBy, n.orderAt, "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY")
	case base.frame != nil:
		return nil, a.src.errorf(CodeWindowReference, n.name.off, "Cannot reference named WINDOW containing frame specification")
	}
	return base, nil
}

func (a *analyzer) windowKeys(s *scope, n *windowNode, w *windowPlan) error {
	for _, key := range n.partition {
		e, err := a.windowKey(s, key)
		if err != nil {
			return err
		}
		if !e.typ().comparable() {
			return a.errorf(CodeTypeMismatch, key, "%s is not comparable, and therefore cannot be used in window function PARTITION BY", e.typ())
		}
		w.partition = append(w.partition, e)
		w.partitionAt = append(w.partitionAt, itemText{at: at(key.offset()), node: key})
	}
	for _, o := range n.order {
		e, err := a.windowKey(s, o.key)
		if err != nil {
			return err
		}
		if !e.typ().orderable() {
			return a.errorf(CodeTypeMismatch, o.key, "%s is not orderable, and therefore cannot be used in window function ORDER BY", e.typ())
		}
		if err := a.knownOrder(o, e); err != nil {
			return err
		}
		w.order = append(slices.Clip(w.order), sortPlan{key: e, descending: o.descending, nullsFirst: o.nulls == "FIRST", written: itemText{at: at(o.key.offset()), node: o.key}})
	}
	return nil
}

func (a *analyzer) windowKey(s *scope, n node) (expr, error) {
	e, err := a.expr(s, n)
	if inner := windowIn(e); err == nil && inner != nil {
		err = a.errorf(CodeNestedWindow, inner, "Cannot nest window functions or row pattern measures inside window specification")
	}
	return e, err
}

// frame analyses ROWS, RANGE and GROUPS.
func (a *analyzer) frame(s *scope, n *windowNode, w *windowPlan) error {
	f := n.frame
	w.frame = &framePlan{at: f.at, unit: f.unit, start: f.start.kind, end: f.end.kind}
	if text := frameFault(f.start.kind, f.end.kind); text != "" {
		return a.errorf(CodeWindowFrame, f, "Window frame %s", text)
	}
	if f.start.value == nil && f.end.value == nil {
		return nil
	}
	if f.unit != "ROWS" && len(w.order) == 0 {
		return a.errorf(CodeMissingOrderBy, f, "Window frame of type %s PRECEDING or FOLLOWING requires ORDER BY", f.unit)
	}
	if f.unit == "RANGE" {
		if err := a.rangeKey(n, w); err != nil {
			return err
		}
	}
	for i, n := range []node{f.start.value, f.end.value} {
		if n != nil {
			w.frame.places[i] = at(n.offset())
		}
	}
	var err error
	if w.frame.startAt, err = a.frameOffset(s, w, f.start.value, "start"); err != nil {
		return err
	}
	w.frame.endAt, err = a.frameOffset(s, w, f.end.value, "end")
	return err
}

// frameFault says what is wrong with the kinds of the two bounds.
func frameFault(start, end string) string {
	switch {
	case start == "UNBOUNDED FOLLOWING":
		return "start cannot be UNBOUNDED FOLLOWING"
	case end == "UNBOUNDED PRECEDING":
		return "end cannot be UNBOUNDED PRECEDING"
	case start == "CURRENT ROW" && end == "PRECEDING":
		return "starting from CURRENT ROW cannot end with PRECEDING"
	case start == "FOLLOWING" && (end == "PRECEDING" || end == "CURRENT ROW"):
		return "starting from FOLLOWING cannot end with " + end
	}
	return ""
}

// rangeKey holds the key of a RANGE with an offset to one that can be added to.
func (a *analyzer) rangeKey(n *windowNode, w *windowPlan) error {
	if len(w.order) != 1 {
		at := n.orderAt
		if len(n.order) == 0 {
			at = n.at
		}
		return a.errorf(CodeInvalidOrderBy, at, "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)", len(w.order))
	}
	key := w.order[0]
	if key.nanFirst() {
		return a.unsupported(key.written, "RANGE frames with an offset over floating-point numbers with NULLS FIRST")
	}
	switch t := key.key.typ(); t.Kind {
	case KindDate, KindTimestamp, KindTimestampTZ, KindIntervalDay, KindIntervalYear:
	case KindTime:
		return a.unsupported(key.written, "RANGE frames with an offset over times")
	default:
		if !t.numeric() {
			return a.errorf(CodeTypeMismatch, key.written, "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: %s)", t)
		}
	}
	return nil
}

func (a *analyzer) frameOffset(s *scope, w *windowPlan, n node, side string) (expr, error) {
	if n == nil {
		return nil, nil
	}
	e, err := a.windowKey(s, n)
	if err != nil {
		return nil, err
	}
	if volatile(e) {
		return nil, a.unsupported(n, "random values as offsets of frames")
	}
	if w.frame.unit == "RANGE" {
		if e, err = a.rangeOffset(w, n, e); err != nil {
			return nil, err
		}
	} else {
		if t := e.typ(); !t.integral() && !(t.Kind == KindDecimal && t.Scale == 0) {
			return nil, a.errorf(CodeTypeMismatch, n, "Window frame %s %s value type must be exact numeric type with scale 0 (actual %s)", w.frame.unit, side, t)
		}
		e = cast(e, simple(KindBigInt))
	}
	return checkedOffset(e), nil
}

// rangeOffset brings a number to the type in which it is added to the key; intervals are added as they are.
func (a *analyzer) rangeOffset(w *windowPlan, n node, e expr) (expr, error) {
	key, offset := w.order[0].key.typ(), e.typ()
	mismatch := func() error {
		return a.errorf(CodeTypeMismatch, n, "Window frame RANGE value type (%s) not compatible with sort item type (%s)", offset, key)
	}
	switch {
	case key.numeric() && offset.numeric():
		t, ok := common(key, offset)
		if !ok {
			return nil, mismatch()
		}
		if t.Kind == KindDecimal {
			t.Precision = min(38, t.Precision+1) // the sum may be a digit longer
		}
		w.order[0].key = cast(w.order[0].key, t)
		return cast(e, t), nil
	case offset.Kind == KindIntervalDay && key.Kind == KindDate:
		return a.wholeDays(n, e)
	case offset.Kind == KindIntervalDay && (key.Kind == KindTimestamp || key.Kind == KindTimestampTZ || key.Kind == KindIntervalDay):
		return e, nil
	case offset.Kind == KindIntervalYear && (key.Kind == KindDate || key.Kind == KindTimestamp || key.Kind == KindTimestampTZ || key.Kind == KindIntervalYear):
		return e, nil
	}
	return nil, mismatch()
}

// wholeDays holds an interval that is added to a date to days.
func (a *analyzer) wholeDays(n node, e expr) (expr, error) {
	c, ok := e.(*constExpr)
	if !ok {
		return nil, a.unsupported(n, "intervals that are not constant as offsets of RANGE frames over dates")
	}
	if v, _ := c.value.(int64); v%86_400_000 != 0 {
		return nil, &Error{Code: CodeFunctionArgument, Message: "Cannot subtract hour, minutes or seconds from a date"}
	}
	return e, nil
}

// checkedOffset fails, when the query runs, for an offset that is negative or NULL.
func checkedOffset(e expr) expr {
	if c, ok := e.(*constExpr); ok {
		switch v := c.value.(type) {
		case int64:
			if v >= 0 {
				return e
			}
		case float64:
			if v >= 0 {
				return e
			}
		}
	}
	return &callExpr{op: opFrameOffset, args: []expr{e}, t: e.typ()}
}

// frameOffset prints an offset with its check.
func (p *printer) frameOffset(e expr) {
	zero := "0"
	if k := e.typ().Kind; k == KindIntervalDay || k == KindIntervalYear {
		zero = "to_microseconds(0)"
	}
	p.write("CASE WHEN ")
	p.expr(e)
	p.write(" >= ", zero, " THEN ")
	p.expr(e)
	p.write(" ELSE ")
	p.fail(e.typ(), CodeWindowFrame+": Window frame offset value must not be negative or null")
	p.write(" END")
}
