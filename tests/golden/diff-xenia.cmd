# args: diff --map 1=6 --map 2=7 --map 3=8 --kinds import.call @HERE@/diff-a.jsonl @HERE@/diff-xenia.log
