/**
 * A parameter for joins and sorted selects. With a bare `?` there, SQLite's planner looks at the bound value and
 * plans the statement anew at each execution, which costs ten times what running it does.
 */
export const PARAMETER = '(SELECT ?)'
