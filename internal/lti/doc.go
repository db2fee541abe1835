// Package lti lets learning platforms launch Cutroom: LTI 1.3 with Deep Linking 2.0, Names and Roles 2.0 and dynamic
// registration (1EdTech), and LTI 1.1.
package lti
