# args: diff --map 1=x @HERE@/diff-a.jsonl
# exit: 2
