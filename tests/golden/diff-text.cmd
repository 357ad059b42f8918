# args: diff @HERE@/diff-a.jsonl @HERE@/diff-b.jsonl
# exit: 1
