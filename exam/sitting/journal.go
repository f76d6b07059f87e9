package sitting

import "slices"

// Journal is a sitting as its streams tell it, for people: what a proctor opens.
type Journal struct {
	Row    Row
	Epochs [][]Entry // by epoch, from 1, each from its beginning
	Orders []Entry
}

// Fold is the sitting as far as it can be folded; see Fold.
func (j Journal) Fold() (Sitting, error) { return Fold(j.Epochs, j.Orders) }

// Lines are all entries in the one order that holds at both ends: an order stands
// before the first entry that names it, an order that ends an epoch behind what
// it names as acknowledged, and behind that whatever the old terminal still sent.
func (j Journal) Lines() []Entry {
	var lines []Entry
	k := 0
	orders := func(upTo uint64) {
		for k < len(j.Orders) && j.Orders[k].Seq <= upTo {
			lines = append(lines, j.Orders[k])
			k++
		}
	}
	for n, own := range j.Epochs {
		end := len(own)
		fence := slices.IndexFunc(j.Orders[k:], func(o Entry) bool { return o.Act.fences() && o.Fences == Epoch(n+1) })
		if fence >= 0 {
			fence += k
			end = min(end, int(min(j.Orders[fence].Ack, uint64(len(own)))))
		}
		for _, e := range own[:end] {
			orders(e.Orders)
			lines = append(lines, e)
		}
		if fence >= 0 {
			orders(j.Orders[fence].Seq)
		}
		lines = append(lines, own[end:]...)
	}
	orders(^uint64(0))
	return lines
}

// Receipt is how far an order has come: Read is the first entry that names it,
// Obeyed the first that names it and says that it is obeyed or shows it. nil: not yet.
type Receipt struct {
	Order        Entry
	Read, Obeyed *Entry
}

// Receipts are those of all orders, oldest first.
func (j Journal) Receipts() []Receipt {
	list := make([]Receipt, len(j.Orders))
	for i, o := range j.Orders {
		list[i].Order = o
	}
	for _, own := range j.Epochs {
		for i := range own {
			e := &own[i]
			for k := range list {
				r := &list[k]
				if r.Order.Seq > e.Orders || r.Order.Act == ActMove && e.Epoch <= r.Order.Fences {
					continue
				}
				if r.Read == nil {
					r.Read = e
				}
				if r.Obeyed == nil && shows(r.Order.Act, e.Act) {
					r.Obeyed = e
				}
			}
		}
	}
	return list
}

// shows says whether an entry with act, which names the order, shows that it is obeyed.
func shows(order, act Act) bool {
	switch order {
	case ActStart:
		return act == ActOpened
	case ActMove:
		return act == ActResumed || act == ActOpened
	}
	return act == ActObeyed
}
