# args: diff --json --kinds !kernel.*,!import.call @HERE@/diff-a.jsonl @HERE@/diff-b.jsonl
