"""Runs under the environment of `requirements/spark.txt`: the guide's block, then each query; prints rows as JSON.

Reads a JSON object from stdin: `block`, the Python that makes the views; `queries`, SQL; `types`, a view whose types it
tells as well.
"""

import json
import sys
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    names: dict[str, Any] = {}
    exec(compile(asked["block"], "guide", "exec"), names)
    spark = names["spark"]
    rows = [[list(row) for row in spark.sql(query).collect()] for query in asked["queries"]]
    types = dict(spark.table(asked["types"]).dtypes)
    print(json.dumps({"rows": rows, "types": types}))
    spark.stop()


if __name__ == "__main__":
    main()
