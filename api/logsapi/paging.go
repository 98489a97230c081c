package logsapi

import (
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
)

func checkLimit(c *awsjson.Constraints, limit *int32, most int64) {
	if limit != nil {
		c.Range("limit", int64(*limit), 1, most)
	}
}

func checkToken(c *awsjson.Constraints, token *string) {
	if token != nil {
		c.Length("nextToken", *token, 1, -1)
	}
}

func checkTime(c *awsjson.Constraints, member string, t *loglake.Millis) {
	if t != nil && *t < 0 {
		c.Add(member, int64(*t), "Member must have value greater than or equal to 0")
	}
}
