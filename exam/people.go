package exam

// Role is what somebody may do. Every right is a role within a scope
// (province, institution), and is checked on the registry alone.
type Role string

const (
	RoleDoctor        Role = "doctor"        // 医师
	RoleInstitution   Role = "institution"   // 医疗卫生机构: includes doctors, first review
	RoleAssessor      Role = "assessor"      // 考核机构: second review
	RoleProctor       Role = "proctor"       // 监考员
	RoleAuthority     Role = "authority"     // 卫生健康行政部门: issues, revokes
	RoleAdministrator Role = "administrator" // 管理员
)

// Roles are all roles, in the order in which work passes through them.
var Roles = []Role{RoleDoctor, RoleInstitution, RoleAssessor, RoleProctor, RoleAuthority, RoleAdministrator}

// Text is the role in Chinese.
func (r Role) Text() string {
	switch r {
	case RoleDoctor:
		return "医师"
	case RoleInstitution:
		return "医疗卫生机构"
	case RoleAssessor:
		return "考核机构"
	case RoleProctor:
		return "监考员"
	case RoleAuthority:
		return "卫生健康行政部门"
	case RoleAdministrator:
		return "管理员"
	}
	return string(r)
}

// Account is one who can sign in, as the programs see it: no secret is in it.
type Account struct {
	ID         AccountID     `json:"id"`
	Login      string        `json:"login"` // identity number of a doctor; a short name of staff
	Name       string        `json:"name"`
	Role       Role          `json:"role"`
	Province   string        `json:"province"`             // GB/T 2260, two digits
	Office     InstitutionID `json:"office,omitempty"`     // the institution, assessor or authority of staff
	OfficeName string        `json:"officeName,omitempty"` // its name
	Doctor     DoctorID      `json:"doctor,omitempty"`     // for doctors
	MustChange bool          `json:"mustChange"`           // the first password is still in force
}

// OfficeKind says what an institution is for the assessment.
type OfficeKind string

const (
	OfficeInstitution OfficeKind = "institution"
	OfficeAssessor    OfficeKind = "assessor"
	OfficeAuthority   OfficeKind = "authority"
)

// Institution is an office on the registry's list, found by province › city ›
// county › name.
type Institution struct {
	ID       InstitutionID `json:"id"`
	Kind     OfficeKind    `json:"kind"`
	Name     string        `json:"name"`
	Division string        `json:"division"`           // GB/T 2260, two, four or six digits
	Assessor InstitutionID `json:"assessor,omitempty"` // who assesses the doctors of an institution
}

// InstitutionQuery narrows the list of institutions. Empty fields do not narrow.
type InstitutionQuery struct {
	Division string `json:"division"` // a prefix: province, city or county
	Name     string `json:"name"`     // a part of the name
	Limit    int    `json:"limit"`    // at most so many; 0 means 50
}

// Doctor is a doctor as the roster has it (医师): what the doctor's own form
// cannot change.
type Doctor struct {
	ID           DoctorID      `json:"id"`
	Name         string        `json:"name"`
	DocumentKind Term          `json:"documentKind"` // CV02.01.101
	Identity     Identity      `json:"identity"`
	Province     string        `json:"province"`
	Institution  InstitutionID `json:"institution"`
	// What the roster may know beforehand; the form starts with it.
	LicenceNo       string `json:"licenceNo,omitempty"`
	QualificationNo string `json:"qualificationNo,omitempty"`
	Mobile          string `json:"mobile,omitempty"`
}

// Province is a province that takes part.
type Province struct {
	Code      string `json:"code"` // GB/T 2260, two digits
	Name      string `json:"name"`
	Authority string `json:"authority"` // 山西省卫生健康委员会
}

// About is what the registry says of itself to anyone.
type About struct {
	Name      string     `json:"name"`
	Version   string     `json:"version"`
	Now       Instant    `json:"now"` // registry time
	Support   string     `json:"support"`
	Provinces []Province `json:"provinces"`
	// Keys are the Ed25519 public keys (base64, standard) that sign receipts
	// and QR texts, by key id; the first is the one in use.
	Keys []PublicKey `json:"keys"`
	// VerifyURL is where a notice's QR code leads, without the token.
	VerifyURL string `json:"verifyURL"`
}

// PublicKey is one published Ed25519 key.
type PublicKey struct {
	ID  string `json:"id"`
	Key []byte `json:"key"` // 32 bytes
}

// Captcha is a picture to be read by a person.
type Captcha struct {
	ID  string `json:"id"`
	PNG []byte `json:"png"`
}

// Credentials are what the sign-in screen asks for.
type Credentials struct {
	Province string `json:"province"`
	Login    string `json:"login"` // identity number, or the short name of staff
	Password string `json:"password"`
	Captcha  string `json:"captcha"`  // the picture's id
	Text     string `json:"text"`     // what the person read
	Terminal string `json:"terminal"` // which machine, for the audit
}

// FirstPassword is every account's password until its first sign-in, when it
// has to be changed (the manual, 2.2.1).
const FirstPassword = "6666666"

// CheckPassword says what a new password lacks: 8 to 64 signs, not all alike in
// kind, and not the first password or the login. The error is Invalid.
func CheckPassword(password, login string) error {
	bad := func(s string) error { return &Error{Kind: Invalid, Field: "password", Sentence: s} }
	runes := []rune(password)
	switch {
	case len(runes) < 8:
		return bad("新密码至少8位")
	case len(runes) > 64:
		return bad("新密码最多64位")
	case password == login:
		return bad("新密码不能与账号相同")
	}
	kinds := map[int]bool{}
	for _, r := range runes {
		switch {
		case r >= '0' && r <= '9':
			kinds[0] = true
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			kinds[1] = true
		default:
			kinds[2] = true
		}
	}
	if len(kinds) < 2 {
		return bad("新密码要同时有字母和数字（或符号）")
	}
	return nil
}

// Notice is a result notice as lists show it (考核结果通知书).
type Notice struct {
	Serial        Serial        `json:"serial"`
	Application   ApplicationID `json:"application"`
	Number        string        `json:"number"` // <identity number>KH<YYYYMMDD>
	IssuedAt      Instant       `json:"issuedAt"`
	IssuedBy      string        `json:"issuedBy"` // the authority
	PDF           BlobHash      `json:"pdf"`
	RevokedAt     Instant       `json:"revokedAt,omitempty"`
	RevokedReason string        `json:"revokedReason,omitempty"`
}

// Line is the state of the line between a terminal and the registry, as the
// footer shows it.
type Line struct {
	Online      bool    `json:"online"`      // the last attempt reached the registry
	Pending     int     `json:"pending"`     // entries and blobs on this PC that have no receipt yet
	LastContact Instant `json:"lastContact"` // registry time of the last answer; 0: never
	Trouble     string  `json:"trouble"`     // one sentence, where there is one
}
