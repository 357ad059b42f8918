# title: --demo
# Every key of ui/tui/keys.def is pressed here or in another golden of the panes (tests/tui_keys.sh reads the last line).
run
screen size 100 30
screen keys C-x o C-x o C-x o C-x o C-x o
screen keys F1
screen save
screen keys ? q F2 F2 F2 F2
pane threads
screen keys F3 t i d Space 5 Enter n N F4 Enter F5 F6 F6 F7 F8 F9 F9 C-l
pane threads
screen keys C-x 1 C-x 1 : e c h o Space h i Enter Tab S-Tab
pane threads
screen keys g e < g z O O q
screen keys j k Down Up C-n C-p Left Right Home End PgDn PgUp C-d C-u C-f C-b
screen keys 2 Enter h h / l o a d Enter , C-g \ Enter t + - * t
screen keys ">" . I . Space c U F F Z Z
screen save
screen keys [ ] { } } ( ) Y L L L L W W
pane threads
layout code
screen keys C-x o C-x o C-x o C-x o C-x o b b w M
screen save
pane threads
screen keys C K S y x
screen save
screen keys C-x s s i u d n N S I C C-x s C-x s w v q
screen keys C-x s c q C-x s r q
screen save
pane breakpoints
screen keys Home D
screen save
pane checkpoints
screen keys Enter D
screen keys Esc h e l p Space v a r s C-a C-k C-c t r Tab C-b C-f Left Right
screen keys Home End Backspace Delete C-d C-w C-u Up Down C-p C-n C-g
screen keys e c h o Space C-e x Enter PgUp PgDn
pane threads
screen keys C-x s f C-x s C-x s F q
screen keys Q n Enter
screen save
screen keys F10 C-x C-a C-x a C-z
screen pressed
screen keys Q y Enter
echo not reached
