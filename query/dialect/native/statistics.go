package native

import "math"

// doubles are n parameters of type DOUBLE.
func doubles(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = "DOUBLE"
	}
	return list
}

// ofDoubles makes a function of doubles alone.
func ofDoubles(name string, n int, call func(x []float64) (float64, error)) Function {
	return Function{Name: name, Params: doubles(n), Result: "DOUBLE", Call: func(args []any) (any, error) {
		x := make([]float64, len(args))
		for i, a := range args {
			x[i] = a.(float64)
		}
		return call(x)
	}}
}

func statisticsFunctions() []Function {
	wilson := func(name string, sign float64) Function {
		return Function{Name: name, Params: []string{"BIGINT", "BIGINT", "DOUBLE"}, Result: "DOUBLE", Call: func(args []any) (any, error) {
			return wilsonInterval(args[0].(int64), args[1].(int64), args[2].(float64), sign)
		}}
	}
	return []Function{
		wilson("loglake_wilson_interval_lower", -1), wilson("loglake_wilson_interval_upper", 1),
		ofDoubles("loglake_cbrt", 1, func(x []float64) (float64, error) { return math.Cbrt(x[0]), nil }), // DuckDB's is a power
		ofDoubles("loglake_normal_cdf", 3, func(x []float64) (float64, error) {
			if !(x[1] > 0) {
				return 0, invalid("standardDeviation must be > 0")
			}
			return 0.5 * (1 + math.Erf((x[2]-x[0])/(x[1]*math.Sqrt2))), nil
		}),
		ofDoubles("loglake_inverse_normal_cdf", 3, func(x []float64) (float64, error) {
			if !(x[2] > 0 && x[2] < 1) {
				return 0, invalid("p must be 0 > p > 1")
			}
			if !(x[1] > 0) {
				return 0, invalid("sd must be > 0")
			}
			return x[0] + x[1]*math.Sqrt2*math.Erfinv(2*x[2]-1), nil
		}),
		ofDoubles("loglake_beta_cdf", 3, func(x []float64) (float64, error) {
			if err := checkBeta(x[0], x[1]); err != nil {
				return 0, err
			}
			if !(x[2] >= 0 && x[2] <= 1) {
				return 0, invalid("value must be 0 >= v >= 1")
			}
			return incompleteBeta(x[0], x[1], x[2]), nil
		}),
		ofDoubles("loglake_inverse_beta_cdf", 3, func(x []float64) (float64, error) {
			if err := checkBeta(x[0], x[1]); err != nil {
				return 0, err
			}
			if !(x[2] >= 0 && x[2] <= 1) {
				return 0, invalid("p must be 0 >= p >= 1")
			}
			return inverseBeta(x[0], x[1], x[2]), nil
		}),
		ofDoubles("loglake_t_cdf", 2, func(x []float64) (float64, error) { return studentCDF(x[0], x[1]) }),
		ofDoubles("loglake_t_pdf", 2, func(x []float64) (float64, error) { return studentPDF(x[0], x[1]) }),
		ofDoubles("loglake_great_circle_distance", 4, greatCircle),
		{Name: "loglake_cosine_similarity", Params: []string{"MAP(VARCHAR, DOUBLE)", "MAP(VARCHAR, DOUBLE)"}, Result: "DOUBLE", Call: func(args []any) (any, error) {
			return cosine(args[0].(Map), args[1].(Map)), nil
		}},
	}
}

// wilsonInterval is one end of the score interval of a share.
func wilsonInterval(successes, trials int64, z, sign float64) (any, error) {
	switch {
	case successes < 0:
		return nil, invalid("number of successes must not be negative")
	case trials <= 0:
		return nil, invalid("number of trials must be positive")
	case successes > trials:
		return nil, invalid("number of successes must not be larger than number of trials")
	case !(z >= 0):
		return nil, invalid("z-score must not be negative")
	}
	n, p := float64(trials), float64(successes)/float64(trials)
	return (p + z*z/(2*n) + sign*z*math.Sqrt((p*(1-p)+z*z/(4*n))/n)) / (1 + z*z/n), nil
}

func checkBeta(a, b float64) error {
	if !(a > 0 && b > 0) {
		return invalid("a, b must be > 0")
	}
	return nil
}

// incompleteBeta is the regularised incomplete beta function, by its continued fraction on the side where that converges.
func incompleteBeta(a, b, x float64) float64 {
	switch {
	case x <= 0:
		return 0
	case x >= 1:
		return 1
	case x > (a+1)/(a+b+2):
		return 1 - incompleteBeta(b, a, 1-x)
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	return math.Exp(a*math.Log(x)+b*math.Log1p(-x)+lab-la-lb) / a * betaFraction(a, b, x)
}

// betaFraction evaluates the continued fraction by Lentz's method.
func betaFraction(a, b, x float64) float64 {
	const tiny, steps = 1e-300, 10000
	c, d := 1.0, 1-(a+b)*x/(a+1)
	if math.Abs(d) < tiny {
		d = tiny
	}
	d = 1 / d
	f := d
	for i := 1; i <= steps; i++ {
		m := float64(i)
		for _, numerator := range [2]float64{m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m)), -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))} {
			if d = 1 + numerator*d; math.Abs(d) < tiny {
				d = tiny
			}
			if c = 1 + numerator/c; math.Abs(c) < tiny {
				c = tiny
			}
			d = 1 / d
			f *= c * d
		}
		if math.Abs(c*d-1) < 1e-16 {
			break
		}
	}
	return f
}

// inverseBeta finds the x whose incomplete beta function is p.
func inverseBeta(a, b, p float64) float64 {
	if p == 0 || p == 1 {
		return p
	}
	low, high := 0.0, 1.0
	for range 200 {
		middle := (low + high) / 2
		if incompleteBeta(a, b, middle) < p {
			low = middle
		} else {
			high = middle
		}
	}
	return (low + high) / 2
}

func checkFreedom(df float64) error {
	if df < 1 {
		return invalid("degrees of freedom must be greater than or equal to 1")
	}
	return nil
}

func studentCDF(x, df float64) (float64, error) {
	if err := checkFreedom(df); err != nil || math.IsNaN(x) {
		return x, err
	}
	if x == 0 {
		return 0.5, nil
	}
	tail := 0.5 * incompleteBeta(df/2, 0.5, df/(df+x*x))
	if x < 0 {
		return tail, nil
	}
	return 1 - tail, nil
}

func studentPDF(x, df float64) (float64, error) {
	if err := checkFreedom(df); err != nil {
		return 0, err
	}
	upper, _ := math.Lgamma((df + 1) / 2)
	lower, _ := math.Lgamma(df / 2)
	return math.Exp(upper - 0.5*(math.Log(math.Pi)+math.Log(df)) - lower - (df+1)/2*math.Log1p(x*x/df)), nil
}

// greatCircle is the distance in kilometres between two places, each a latitude and a longitude.
func greatCircle(x []float64) (float64, error) {
	const earthRadius, radian = 6371.01, math.Pi / 180
	for i, v := range x {
		if limit := 90 + 90*float64(i%2); !(v >= -limit && v <= limit) {
			return 0, invalid("%s must be between -%v and %v", [2]string{"Latitude", "Longitude"}[i%2], limit, limit)
		}
	}
	sin1, cos1 := math.Sincos(x[0] * radian)
	sin2, cos2 := math.Sincos(x[2] * radian)
	sin, cos := math.Sincos((x[1] - x[3]) * radian)
	across, along := cos2*sin, cos1*sin2-sin1*cos2*cos
	return math.Atan2(math.Sqrt(across*across+along*along), sin1*sin2+cos1*cos2*cos) * earthRadius, nil
}

// cosine is the similarity of two sparse vectors; nil where one has a NULL.
func cosine(a, b Map) any {
	values := map[string]float64{}
	var product, lengthA, lengthB float64
	for _, e := range a {
		v, ok := e.Value.(float64)
		if !ok {
			return nil
		}
		values[e.Key.(string)] = v
		lengthA += v * v
	}
	for _, e := range b {
		v, ok := e.Value.(float64)
		if !ok {
			return nil
		}
		product += v * values[e.Key.(string)]
		lengthB += v * v
	}
	return product / (math.Sqrt(lengthA) * math.Sqrt(lengthB))
}
