// Package paper is questions and what is made of them: banks, blueprints, papers
// and the order in which each candidate sees one. A paper holds no answers: its
// [Key] is a type of its own.
package paper
