// Package paper is questions and what is made of them: banks, blueprints, papers
// and the order in which each candidate sees one.
//
// It promises three things. The right answers of a live paper are nowhere in a
// [Paper]: a [Question] has no room for one, and its [Key] is a type of its own
// that only the registry holds. Whatever is drawn or shuffled is a pure function
// of its input and a [Seed], so that a paper and every candidate's order can be
// made again years later. And questions that belong together (A3, A4, B1) are
// never torn apart, neither when drawn nor when shuffled.
//
// Where banks come from is for exam/bankio, what an answer earns for exam/score.
package paper
